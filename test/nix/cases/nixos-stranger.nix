# nixos
# asserts: services\.nerva\.users names "bob".*users\.users\.bob\.isNormalUser = true
{
  services.nerva = {
    enable = true;
    users = [ "bob" ];
  };
}
