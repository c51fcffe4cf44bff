# home
# has: bindsym --no-warn Mod4+space exec /nix/store/
# has: bindsym Mod4+Return exec foot
{
  programs.nerva.enable = true;
  wayland.windowManager.sway = {
    enable = true;
    config.keybindings."Mod4+Return" = "exec foot";
  };
}
