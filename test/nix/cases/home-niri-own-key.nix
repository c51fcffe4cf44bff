# home
# has: fuzzel
# hasnot: bin/nerva-ui
{
  programs.nerva = {
    enable = true;
    systemd.enable = false;
  };
  wayland.windowManager.niri = {
    enable = true;
    settings.binds."Super+Space".spawn = [ "fuzzel" ];
  };
}
