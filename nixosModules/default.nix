# The one import: services.nerva.enable = true turns the whole layer on.
{
  imports = [
    ./options.nix
    ./nervad.nix
    ./permissions.nix
    ./ui.nix
  ];
}
