# home
# refused: programs\.nerva\.llm\.apiKeyFile.*outside of the Nix store, which everybody on the machine can read
{
  programs.nerva = {
    enable = true;
    llm.apiKeyFile = "/nix/store/00000000000000000000000000000000-key";
  };
}
