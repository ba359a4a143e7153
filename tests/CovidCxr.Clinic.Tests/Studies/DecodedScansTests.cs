using CovidCxr.Clinic.Studies;
using CovidCxr.Imaging.Decoding;

namespace CovidCxr.Clinic.Tests.Studies;

public class DecodedScansTests
{
    static GreyImage Image => new(4, 4, 8, new ushort[16]);

    [Fact]
    public void Take_WhatWasPut_GivesItOnce()
    {
        var scans = new DecodedScans();
        var image = Image;
        scans.Put("a", Image);
        scans.Put("b", image);

        Assert.Same(image, scans.Take("b"));
        Assert.Null(scans.Take("b"));
        Assert.NotNull(scans.Take("a"));
        Assert.Null(scans.Take("c"));
    }

    [Fact]
    public void Put_BeyondTheLimit_LetsTheOldestGo()
    {
        var scans = new DecodedScans(limit: 2 * 32);
        foreach (var key in new[] { "a", "b", "c" })
        {
            scans.Put(key, Image);
        }

        Assert.Null(scans.Take("a"));
        Assert.NotNull(scans.Take("b"));
        scans.Put("huge", new(8, 8, 8, new ushort[64]));
        Assert.Null(scans.Take("huge"));
        Assert.Null(scans.Take("c"));
    }
}
