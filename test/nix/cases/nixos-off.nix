# nixos
# hasnot: uinput
# hasnot: nervad
{
  services.nerva.users = [ "alice" ];
}
