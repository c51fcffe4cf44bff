# home
# has: bindsym --no-warn Mod4+space exec /nix/store/
{
  programs.nerva.enable = true;
  wayland.windowManager.sway = {
    enable = true;
    config.modifier = "Mod4";
  };
}
