using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.WebUtilities;

namespace CovidCxr.Web.Tests.Shared.Security;

/// <summary>A security key and its browser in a few lines: signs what the program asks, and leaves out what a test wants.</summary>
sealed class SoftPasskey : IDisposable
{
    // Flags of the authenticator's data (WebAuthn, section 6.1).
    const byte Present = 1, Verified = 4;

    readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    readonly byte[] _id = RandomNumberGenerator.GetBytes(16);

    /// <summary>Whether it makes sure of the person, by a finger or a number.</summary>
    public bool VerifiesThePerson { get; set; } = true;

    /// <summary>
    /// As the program keeps it. It counts nothing, as passkeys of several devices do: only the question tells an answer from an old one.
    /// </summary>
    public UserPasskeyInfo Info => new(_id, PublicKey(), DateTimeOffset.UnixEpoch, 0, [], true, false, false, [1], [1]);

    /// <param name="asked">The program's options, as JSON.</param>
    public string Answer(string asked, Uri program)
    {
        var challenge = JsonDocument.Parse(asked).RootElement.GetProperty("challenge").GetString();
        var client = JsonSerializer.SerializeToUtf8Bytes(
            new { type = "webauthn.get", challenge, origin = program.GetLeftPart(UriPartial.Authority) });
        var data = new byte[37];
        SHA256.HashData(Encoding.UTF8.GetBytes(program.Host)).CopyTo(data, 0);
        data[32] = (byte)(Present | (VerifiesThePerson ? Verified : 0));
        var signature = _key.SignData(
            [.. data, .. SHA256.HashData(client)], HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence);
        return JsonSerializer.Serialize(new
        {
            id = Text(_id),
            rawId = Text(_id),
            type = "public-key",
            clientExtensionResults = new { },
            response = new { clientDataJSON = Text(client), authenticatorData = Text(data), signature = Text(signature) },
        });
    }

    public void Dispose() => _key.Dispose();

    // In CBOR (RFC 9052, section 7): EC2, ES256, P-256, x and y.
    byte[] PublicKey()
    {
        var point = _key.ExportParameters(false).Q;
        return [0xA5, 1, 2, 3, 0x26, 0x20, 1, 0x21, 0x58, 32, .. point.X!, 0x22, 0x58, 32, .. point.Y!];
    }

    static string Text(byte[] bytes) => WebEncoders.Base64UrlEncode(bytes);
}
