# nixos
# refused: services\.nerva\.users.*not of type .list of string
{
  services.nerva = {
    enable = true;
    users = "alice";
  };
}
