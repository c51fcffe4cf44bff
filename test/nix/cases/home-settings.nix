# home
# toml: [llm]\nprovider = "ollama"\n
{
  programs.nerva = {
    enable = true;
    settings.llm.provider = "ollama";
  };
}
