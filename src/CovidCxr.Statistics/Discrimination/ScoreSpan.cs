namespace CovidCxr.Statistics.Discrimination;

static class ScoreSpan
{
    public static bool ContainsNaN(this ReadOnlySpan<double> scores)
    {
        foreach (var score in scores)
        {
            if (double.IsNaN(score))
            {
                return true;
            }
        }

        return false;
    }
}
