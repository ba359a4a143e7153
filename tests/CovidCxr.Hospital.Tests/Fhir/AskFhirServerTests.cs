using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Audit;
using CovidCxr.Hospital.Fhir;
using CovidCxr.Hospital.Peers;
using CovidCxr.Testing;
using Microsoft.AspNetCore.Http;

namespace CovidCxr.Hospital.Tests.Fhir;

/// <summary>The button that asks a FHIR server whether it is there.</summary>
public sealed class AskFhirServerTests
{
    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    static Task<EchoResult> AskAsync(TestHospital hospital, string name = FhirPeer.Name, Actor? actor = null) =>
        hospital.Clinic.Get<AskFhirServer>().RunAsync(name, actor ?? TestClinic.Admin, Cancellation);

    [Fact]
    public async Task RunAsync_ServerThatIsThere_Answers()
    {
        await using var peer = await FhirPeer.StartAsync();
        await using var hospital = new TestHospital(peer.Destination());

        var result = await AskAsync(hospital);

        Assert.True(result.HasAnswered, result.Message);
        Assert.EndsWith("and speaks FHIR R4.", result.Message, StringComparison.Ordinal);
        Assert.Equal(
            (AuditOutcome.Succeeded, FhirPeer.Name),
            (await hospital.Clinic.AuditAsync(AuditAction.PeerEcho))[^1] is var a ? (a.Outcome, a.Detail) : default);
    }

    [Theory]
    [InlineData(401, "", "It does not let this program in (status 401).")]
    [InlineData(302, "", "It points to another address (status 302), which is not followed: enter that one, if it is right.")]
    [InlineData(404, "", "It answered with status 404.")]
    [InlineData(200, "<html>", "It did not answer as a FHIR server does.")]
    [InlineData(200, "[]", "It did not answer as a FHIR server does.")]
    [InlineData(200, """{"resourceType":"\ud800"}""", "It did not answer as a FHIR server does.")]
    [InlineData(200, """{"resourceType":"CapabilityStatement","\ud800\ud800\ud800":""}""", "It did not answer as a FHIR server does.")]
    [InlineData(200, """{"resourceType":"CapabilityStatement"}""", "It does not say which version of FHIR it speaks.")]
    [InlineData(200, """{"resourceType":"CapabilityStatement","fhirVersion":"4.0x"}""", "It speaks FHIR 4.0x, and not 4.0 (R4).")]
    public async Task RunAsync_WhatIsNoServerOfR4_IsSaidInPlainWords(int status, string body, string expected)
    {
        await using var peer = await FhirPeer.StartAsync();
        await using var hospital = new TestHospital(peer.Destination());
        peer.Instead = async context =>
        {
            context.Response.StatusCode = status;
            await context.Response.WriteAsync(body, Cancellation);
            return true;
        };

        Assert.Equal(new(false, expected), await AskAsync(hospital));
    }

    /// <summary>As long as nothing is sent there, the program starts without them.</summary>
    [Theory]
    [InlineData("TokenFile", "The file of its token holds none that can be read.")]
    [InlineData("ClientCertificate", "The certificate that it knows this program by cannot be read.")]
    public async Task RunAsync_WithoutTheFileThatItWants_SaysSo(string key, string expected)
    {
        await using var peer = await FhirPeer.StartAsync();
        await using var hospital = new TestHospital(peer.Destination(("Send", "false"), (key, "/not/there")));

        Assert.Equal(new(false, expected), await AskAsync(hospital));
        Assert.Empty(peer.Requests);
    }

    [Fact]
    public async Task RunAsync_VersionWithBlanksAtItsEnd_IsRead()
    {
        await using var peer = await FhirPeer.StartAsync();
        peer.Version = "4.0 ";
        await using var hospital = new TestHospital(peer.Destination());

        Assert.True((await AskAsync(hospital)).HasAnswered);
    }

    [Fact]
    public async Task RunAsync_OfWhoMayNotOrOfNoServer_IsRefused()
    {
        await using var hospital = new TestHospital(StoragePeer.Destination(FreePort.Find()));

        await Assert.ThrowsAsync<AccessRefusedException>(() => AskAsync(hospital, actor: TestClinic.Reader));
        Assert.False((await AskAsync(hospital, StoragePeer.Ae)).HasAnswered);
    }
}
