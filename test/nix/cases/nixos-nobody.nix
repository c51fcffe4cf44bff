# nixos
# has: services.nerva.users is empty
# hasnot: extraGroups
{
  services.nerva.enable = true;
}
