# home
# refused: programs\.nerva\.settings\.llm\.api_key_file is a Nix path, which would be copied into the store
{
  programs.nerva = {
    enable = true;
    settings.llm.api_key_file = ./home-plain.nix;
  };
}
