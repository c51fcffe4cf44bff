# home
# hasnot: nervad.service
{
  programs.nerva = {
    enable = true;
    systemd.enable = false;
  };
}
