using CovidCxr.Hospital.Peers;

namespace CovidCxr.Hospital.Tests.Peers;

public sealed class HospitalOptionsTests
{
    static bool IsRight(HospitalOptions options) => new HospitalOptionsValidator().Validate(null, options).Succeeded;

    static HospitalOptions Peer(string ae, string host = "10.0.0.1", int port = 104) =>
        new() { Peers = [new() { AeTitle = ae, Host = host, Port = port }] };

    [Fact]
    public void Validate_Defaults_AreRightAndOff()
    {
        Assert.True(IsRight(new()));
        Assert.False(new HospitalOptions().Receive);
    }

    [Theory]
    [InlineData("")]
    [InlineData(" X")]
    [InlineData("SEVENTEEN-LETTERS")]
    [InlineData("A\\B")]
    [InlineData("A\n")]
    public void Validate_NameThatIsNone_IsWrong(string ae)
    {
        Assert.False(IsRight(new() { AeTitle = ae }));
        Assert.False(IsRight(Peer(ae)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("-xf")]
    [InlineData("a b")]
    [InlineData("a;b")]
    [InlineData("a\n")]
    public void Validate_HostThatIsNone_IsWrong(string host) => Assert.False(IsRight(Peer("CR1", host)));

    [Fact]
    public void Validate_RangesAndPeers_AreChecked()
    {
        Assert.True(IsRight(Peer("CR 1", "fd00::7", 0)));
        Assert.False(IsRight(Peer("CR1", port: 70000)));
        Assert.False(IsRight(new() { Port = 0 }));
        Assert.False(IsRight(new() { IdleTimeout = TimeSpan.FromSeconds(1) }));
        Assert.False(IsRight(new() { MaxWaiting = 0 }));
    }

    static bool IsRightThere(DestinationOptions destination)
    {
        destination.Name = "EHR";
        return IsRight(new() { Destinations = [destination] });
    }

    [Theory]
    [InlineData("https://fhir.example.org/r4", false, true)]
    [InlineData("http://127.0.0.1:8080/fhir", false, true)]
    [InlineData("http://fhir.example.org/r4", false, false)]
    [InlineData("http://fhir.example.org/r4", true, true)]
    [InlineData("https://user:password@fhir.example.org/r4", false, false)]
    [InlineData("https://fhir.example.org/r4?x=1", false, false)]
    [InlineData(" https://fhir.example.org/r4", false, false)]
    [InlineData("https://fhir.example.org/r 4", false, false)]
    [InlineData("https://fhir.example.org/r4\n", false, false)]
    [InlineData("ftp://fhir.example.org", true, false)]
    [InlineData("fhir.example.org", true, false)]
    public void Validate_FhirServer_IsAnHttpsAddress(string address, bool allowsHttp, bool isRight) =>
        Assert.Equal(isRight, IsRightThere(new() { FhirServer = address, AllowHttp = allowsHttp }));

    [Fact]
    public void Validate_WhatBelongsToAFhirServer_IsChecked()
    {
        const string Server = "https://fhir.example.org";
        Assert.True(IsRightThere(new() { FhirServer = Server, Token = "a.b-c_d==", PatientSystem = "urn:oid:1.2.3" }));
        Assert.False(IsRightThere(new() { FhirServer = Server, AeTitle = "PACS", Host = "10.0.0.1" }));
        Assert.False(IsRightThere(new() { FhirServer = Server, Token = "a\nb" }));
        Assert.False(IsRightThere(new() { FhirServer = Server, Token = "a", TokenFile = "b" }));
        Assert.False(IsRightThere(new() { FhirServer = Server, TokenFile = "/not/there", Send = true }));
        Assert.False(IsRightThere(new() { FhirServer = Server, ClientCertificate = "/not/there", Send = true }));
        // Switched off, it keeps no program from starting.
        Assert.True(IsRightThere(new() { FhirServer = Server, TokenFile = "/not/there", ClientCertificate = "/not/there" }));
        Assert.False(IsRightThere(new() { FhirServer = Server, PatientSystem = "numbers" }));
        Assert.False(IsRightThere(new() { AeTitle = "PACS", Host = "10.0.0.1", Token = "a" }));
        Assert.True(IsRightThere(new() { AeTitle = "PACS", Host = "10.0.0.1" }));
        Assert.True(IsRightThere(new() { AeTitle = "PACS", Host = "10.0.0.1", KeyObjects = true }));
        Assert.False(IsRightThere(new() { FhirServer = Server, KeyObjects = true }));
    }

    [Fact]
    public void Validate_WhatBelongsToAReceiverOfHl7_IsChecked()
    {
        Assert.True(IsRightThere(new() { Hl7Application = "RIS", Hl7Facility = "Haus 3", Host = "10.0.0.1", Port = 2575 }));
        Assert.False(IsRightThere(new() { Hl7Application = "RIS" }));
        Assert.False(IsRightThere(new() { Hl7Application = "R|IS", Host = "10.0.0.1" }));
        Assert.False(IsRightThere(new() { Hl7Application = "RIS", Host = "10.0.0.1", AeTitle = "PACS" }));
        Assert.False(IsRightThere(new() { Hl7Application = "RIS", FhirServer = "https://fhir.example.org" }));
        Assert.False(IsRightThere(new() { Hl7Facility = "HOSP", AeTitle = "PACS", Host = "10.0.0.1" }));
        Assert.False(IsRightThere(new() { Hl7Application = "RIS", Host = "10.0.0.1", CertificateAuthority = "/a.pem" }));
        Assert.False(IsRightThere(new() { Hl7Application = "RIS", Host = "10.0.0.1", ClientCertificate = "/a.pem" }));
        Assert.True(IsRightThere(new() { Hl7Application = "RIS", Host = "10.0.0.1", Tls = true, CertificateAuthority = "/not/there" }));
        Assert.False(IsRightThere(
            new() { Hl7Application = "RIS", Host = "10.0.0.1", Tls = true, CertificateAuthority = "/not/there", Send = true }));
        Assert.True(IsRightThere(new() { AeTitle = "PACS", Host = "10.0.0.1", Tls = true }));
    }

    [Fact]
    public void Validate_ReceiverOfHl7_IsCheckedAndOff()
    {
        Assert.False(new HospitalOptions().Hl7.Receive);
        Assert.False(IsRight(new() { Hl7 = new() { Port = 0 } }));
        Assert.True(IsRight(new() { Hl7 = new() { Senders = [new() { Host = "10.0.0.1", Application = "ADT1", Facility = "HOSP" }] } }));
        Assert.True(IsRight(new() { Hl7 = new() { Senders = [new() { Host = "10.0.0.1", Application = "ADT1" }] } }));
        Assert.False(IsRight(new() { Hl7 = new() { Senders = [new() { Host = "10.0.0.1", Facility = "HOSP" }] } }));
        Assert.False(IsRight(new() { Hl7 = new() { Senders = [new() { Host = "10.0.0.1", Application = "A|B" }] } }));
        Assert.False(IsRight(new() { Hl7 = new() { Senders = [new() { Host = "", Application = "ADT1", Facility = "HOSP" }] } }));
        Assert.False(IsRight(new() { Hl7 = new() { Authority = "a\nb" } }));
        Assert.False(IsRight(new() { Hl7 = new() { CertificateAuthority = "/a.pem" } }));
        Assert.False(IsRight(new() { Hl7 = new() { Receive = true, Certificate = "/not/there" } }));
        Assert.False(IsRight(new() { Receive = true, Hl7 = new() { Receive = true, Port = 11112 } }));
    }
}
