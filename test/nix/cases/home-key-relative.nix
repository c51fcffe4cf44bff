# home
# refused: programs\.nerva\.llm\.apiKeyFile.*not of type
{
  programs.nerva = {
    enable = true;
    llm.apiKeyFile = "secrets/key";
  };
}
