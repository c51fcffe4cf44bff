# home
# refused: programs\.nerva\.secrets\.path.*outside of the Nix store
{
  programs.nerva = {
    enable = true;
    secrets.path = ./.;
  };
}
