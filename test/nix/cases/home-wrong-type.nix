# home
# refused: programs\.nerva\.llm\.maxRounds.*not of type .null or integer between 1 and 1000
{
  programs.nerva = {
    enable = true;
    llm.maxRounds = "many";
  };
}
