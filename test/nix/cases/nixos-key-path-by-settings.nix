# nixos
# refused: services\.nerva\.settings\.secrets\.path is a Nix path, which would be copied into the store
{
  services.nerva = {
    enable = true;
    settings.secrets.path = ./.;
  };
}
