# home
# build: llm\.modle is not a key of nerva's configuration; did you mean llm\.model\?
{
  programs.nerva = {
    enable = true;
    settings.llm.modle = "x";
  };
}
