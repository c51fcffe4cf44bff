# nixos
# has: services.nerva.users is empty
# has: "ConditionUser":["!@system"]
# hasnot: extraGroups
{
  services.nerva.enable = true;
}
