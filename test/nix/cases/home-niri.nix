# home
# has: Super+Space
# has: spawn
{
  programs.nerva.enable = true;
  wayland.windowManager.niri.enable = true;
}
