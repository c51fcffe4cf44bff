# home
# has: systemd/user/nervad.service
# hasnot: target.wants/nerva
{
  programs.nerva = {
    enable = true;
    systemd.enable = false;
  };
}
