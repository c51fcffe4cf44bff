# home
# refused: programs\.nerva\.llm\.modle.*does not exist
{
  programs.nerva = {
    enable = true;
    llm.modle = "x";
  };
}
