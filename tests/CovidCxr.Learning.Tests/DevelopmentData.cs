using CovidCxr.Testing;

namespace CovidCxr.Learning.Tests;

static class DevelopmentData
{
    public static string RootOrSkip()
    {
        var root = SharedData.Root("covid-chestxray");
        Assert.SkipUnless(root is not null, "The development X-rays are not on this machine.");
        return root!;
    }
}
