# home
# build: timer\[0\]\.every is wrong: "blue moon" is no repetition
{
  programs.nerva = {
    enable = true;
    timers.pills.every = "blue moon";
  };
}
