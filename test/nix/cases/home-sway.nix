# home
# has: bindsym --no-warn Mod4+space exec /nix/store/
# has: bindsym Mod1+Return exec
# has: bindsym Mod1+space focus mode_toggle
{
  programs.nerva.enable = true;
  wayland.windowManager.sway.enable = true;
}
