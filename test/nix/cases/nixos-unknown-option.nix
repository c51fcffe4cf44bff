# nixos
# refused: services\.nerva\.user.*does not exist
{
  services.nerva = {
    enable = true;
    user = "alice";
  };
}
