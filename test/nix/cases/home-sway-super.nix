# home
# has: bindsym Mod4+space exec /nix/store/
# hasnot: Mod4+space focus mode_toggle
{
  programs.nerva.enable = true;
  wayland.windowManager.sway = {
    enable = true;
    config.modifier = "Mod4";
  };
}
