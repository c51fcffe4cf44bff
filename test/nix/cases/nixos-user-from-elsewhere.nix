# nixos
# has: "ConditionUser":["|bob"]
{
  services.nerva = {
    enable = true;
    users = [ "bob" ];
    permissions.uinput = false;
  };
}
