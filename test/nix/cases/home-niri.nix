# home
# has: Super+Space
# has: spawn
# has: with no binding but nerva
{
  programs.nerva.enable = true;
  wayland.windowManager.niri.enable = true;
}
