# home
# build: llm\.max_rounds has the wrong type
{
  programs.nerva = {
    enable = true;
    settings.llm.max_rounds = "many";
  };
}
