using CovidCxr.Domain.Hospital;
using CovidCxr.Testing;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Hospital.Tests.Inbox;

/// <summary>Orthanc as the archive that sends.</summary>
[Trait("Speed", "Slow")]
public sealed class OrthancTests
{
    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task FilmOfAnArchive_BecomesAStudy_AndIsKnownTheSecondTime()
    {
        TestHospital.NeedDcmtk();
        Orthanc.Need();
        await using var hospital = new TestHospital(
            ("Hospital:Peers:2:AeTitle", Orthanc.Ae), ("Hospital:Peers:2:Host", "localhost"));
        await hospital.StartAsync();
        await using var orthanc = await Orthanc.StartAsync(hospital, FreePort.Find(), hospital.Port);
        using var film = new ByteArrayContent(TestHospital.Film(1));
        Assert.True((await orthanc.Client.PostAsync("/instances", film, Cancellation)).IsSuccessStatusCode);
        var instance = Assert.Single(await orthanc.InstancesAsync());

        Assert.True(
            (await orthanc.Client.PostAsync("/modalities/covidcxr/echo", new StringContent("{}"), Cancellation)).IsSuccessStatusCode);
        foreach (var expected in new[] { ReceivedState.Filed, ReceivedState.Known })
        {
            Assert.True((await orthanc.Client.PostAsync(
                "/modalities/covidcxr/store", new StringContent(instance), Cancellation)).IsSuccessStatusCode);
            await TestHospital.WaitAsync(async () => await hospital.CountAsync(expected) == 1);
        }

        await using var db = hospital.Clinic.Context();
        Assert.Equal(TestHospital.Patient, (await db.Studies.SingleAsync(Cancellation)).PatientNumber);
    }
}
