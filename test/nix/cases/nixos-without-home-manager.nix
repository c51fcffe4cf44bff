# nixos
# has: bind SUPER+SPACE\nto nerva-ui
# hasnot: sharedModules
{
  services.nerva = {
    enable = true;
    users = [ "alice" ];
    ui.homeManager = false;
  };
  users.users.alice.isNormalUser = true;
}
