using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;
using Microsoft.Playwright;

namespace CovidCxr.EndToEnd.Tests.Models;

/// <summary>Everything that a window receives: headers and bodies of every answer, and every frame of its sockets.</summary>
sealed class Traffic
{
    /// <summary>Where frames come from.</summary>
    public const string Socket = "a socket";

    // RFC 6455, 5.2.
    const int TextFrame = 1;

    readonly ConcurrentQueue<(string From, bool IsOfAPage, byte[] Bytes)> _received = [];

    /// <summary>From now on. Bodies pass through here, because the browser forgets them when it leaves a page.</summary>
    public static async Task<Traffic> OfAsync(IPage page)
    {
        var traffic = new Traffic();
        // Chromium takes a page that passes through here for a stranger's, and lets none of those open a socket to this machine.
        await page.Context.GrantPermissionsAsync(["local-network-access"]);
        await page.Context.RouteAsync("**/*", async route =>
        {
            var answer = await route.FetchAsync(new() { MaxRedirects = 0 });
            var type = answer.Headers.GetValueOrDefault("content-type", "");
            var isOfAPage = type.Contains("html", StringComparison.Ordinal) || type.Contains("json", StringComparison.Ordinal)
                || type.Contains("csv", StringComparison.Ordinal);
            traffic.Add(route.Request.Url, isOfAPage, Encoding.UTF8.GetBytes(string.Join('\n', answer.Headers)));
            traffic.Add(route.Request.Url, isOfAPage, await answer.BodyAsync());
            await route.FulfillAsync(new() { Response = answer });
        });
        var session = await page.Context.NewCDPSessionAsync(page);
        await session.SendAsync("Network.enable");
        session.Event("Network.webSocketFrameReceived").OnEvent += (_, received) => traffic.AddFrame(received);
        return traffic;
    }

    void AddFrame(JsonElement? received)
    {
        var frame = received!.Value.GetProperty("response");
        var payload = frame.GetProperty("payloadData").GetString()!;
        Add(Socket, true, frame.GetProperty("opcode").GetInt32() == TextFrame
            ? Encoding.UTF8.GetBytes(payload)
            : Convert.FromBase64String(payload));
    }

    public long Bytes => _received.Sum(r => (long)r.Bytes.Length);

    public int Frames => _received.Count(r => r.From == Socket);

    /// <summary>Where these bytes occur, by address.</summary>
    public IEnumerable<string> Find(byte[] bytes) => _received.Where(r => r.Bytes.AsSpan().IndexOf(bytes) >= 0).Select(r => r.From);

    /// <summary>Where this text occurs, as UTF-8 or UTF-16.</summary>
    public IEnumerable<string> Find(string text) => Find(Encoding.UTF8.GetBytes(text)).Concat(Find(Encoding.Unicode.GetBytes(text)));

    /// <summary>Where this number occurs in a page, a list, a download or a frame, alone and not as a piece of a longer one.</summary>
    public IEnumerable<string> FindNumber(string number) => _received.Where(r => r.IsOfAPage && IsIn(r.Bytes, number)).Select(r => r.From);

    static bool IsIn(byte[] bytes, string number)
    {
        var wanted = Encoding.UTF8.GetBytes(number);
        for (var from = 0; bytes.AsSpan(from).IndexOf(wanted) is >= 0 and var at; from += at + 1)
        {
            var (before, after) = (from + at - 1, from + at + wanted.Length);
            if ((before < 0 || !IsOfANumber(bytes[before])) && (after >= bytes.Length || !char.IsAsciiDigit((char)bytes[after])))
            {
                return true;
            }
        }

        return false;
    }

    static bool IsOfANumber(byte letter) => char.IsAsciiDigit((char)letter) || letter == '.';

    void Add(string from, bool isOfAPage, byte[] bytes) => _received.Enqueue((from, isOfAPage, bytes));
}
