# home
# refused: programs\.nerva\.settings\.llm\.provider.*conflicting definition values
{
  programs.nerva = {
    enable = true;
    llm.provider = "ollama";
    settings.llm.provider = "openai";
  };
}
