# nixos
# has: bindsym --no-warn Mod4+space exec /nix/store/
# has: "wlr":{"enable":true
# hasnot: bind SUPER+SPACE
{
  services.nerva = {
    enable = true;
    users = [ "alice" ];
    ui.homeManager = false;
  };
  programs.sway.enable = true;
  users.users.alice.isNormalUser = true;
}
