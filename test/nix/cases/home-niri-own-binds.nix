# home
# has: Super+Space
# has: Mod+T
# hasnot: with no binding but nerva
{
  programs.nerva.enable = true;
  wayland.windowManager.niri = {
    enable = true;
    settings.binds."Mod+T".spawn = [ "foot" ];
  };
}
