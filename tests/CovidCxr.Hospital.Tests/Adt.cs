using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using CovidCxr.Hospital.Hl7;

namespace CovidCxr.Hospital.Tests;

/// <summary>Messages about patients, and a sender of them.</summary>
static class Adt
{
    public const string Application = "ADT1", Facility = "HOSP", Name = "SECRET^NAME";

    /// <summary>The settings of a receiver that takes them from this machine.</summary>
    public static (string Key, string Value)[] Settings(int port, params (string Key, string Value)[] more) =>
    [
        ("Hospital:Hl7:Receive", "true"), ("Hospital:Hl7:Port", port.ToString(CultureInfo.InvariantCulture)),
        ("Hospital:Hl7:Senders:0:Host", "127.0.0.1"), ("Hospital:Hl7:Senders:0:Application", Application),
        ("Hospital:Hl7:Senders:0:Facility", Facility), .. more.Select(m => ($"Hospital:Hl7:{m.Key}", m.Value)),
    ];

    public static string Update(
        string id, string number, string sex = "F", string born = "19600101", string trigger = "A08", string header = "",
        string application = Application, string sent = "20260302080000") =>
        $"MSH|^~\\&|{application}|{Facility}|COVIDCXR||{sent}||ADT^{trigger}^ADT_A01|{id}|P|2.5.1{header}\r"
        + $"EVN|{trigger}|20260302080000\rPID|1||{number}||{Name}||{born}|{sex}\rPV1|1|O\r";

    public static string Merge(
        string id, string former, string number, string sex = "", string born = "", string trigger = "A40") =>
        $"MSH|^~\\&|{Application}|{Facility}|COVIDCXR||20260302080000||ADT^{trigger}^ADT_A39|{id}|P|2.5.1\r"
        + $"EVN|{trigger}|20260302080000\rPID|1||{number}||{Name}||{born}|{sex}\rMRG|{former}||||||{Name}\r";

    public static byte[] Frame(string message) => [0x0B, .. Encoding.UTF8.GetBytes(message), 0x1C, 0x0D];

    public static Hl7Message Read(string message) => Hl7Message.Read(Encoding.UTF8.GetBytes(message)).Message!;

    public static AdtMessage Parse(string message, string authority = "") => AdtMessage.Read(Read(message), authority).Message!;

    public static async Task<TcpClient> ConnectAsync(int port)
    {
        var client = new TcpClient { NoDelay = true };
        await client.ConnectAsync(IPAddress.Loopback, port, TestContext.Current.CancellationToken);
        return client;
    }

    /// <summary>Sends messages by one connection, one after the other.</summary>
    /// <returns>The answers' codes and conditions, such as "AA" and "AE 205".</returns>
    public static async Task<IReadOnlyList<string>> SendAsync(int port, params string[] messages)
    {
        using var client = await ConnectAsync(port);
        var connection = new MllpConnection(client.GetStream());
        List<string> answers = [];
        foreach (var message in messages)
        {
            await connection.WriteAsync(Encoding.UTF8.GetBytes(message), TestContext.Current.CancellationToken);
            answers.Add(Words(await connection.ReadAsync(TimeSpan.FromSeconds(30), null, TestContext.Current.CancellationToken)));
        }

        return answers;
    }

    /// <exception cref="IOException">The connection ended before it.</exception>
    public static string Words(byte[]? answer)
    {
        var message = Hl7Message.Read(answer ?? throw new IOException("No answer came.")).Message!;
        return $"{message.All("MSA").Single().Text(1)} {message.All("ERR").FirstOrDefault()?.Text(3)}".Trim();
    }
}
