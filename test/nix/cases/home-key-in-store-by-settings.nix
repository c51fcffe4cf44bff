# home
# build: llm\.api_key_file is "/nix/store/.*everybody on this machine can read the Nix store
{
  programs.nerva = {
    enable = true;
    settings.llm.api_key_file = "/nix/store/00000000000000000000000000000000-key";
  };
}
