using System.Diagnostics;
using System.Globalization;
using System.Text;
using CovidCxr.Domain.Studies;
using CovidCxr.Hospital.Hl7;

namespace CovidCxr.Hospital.Tests.Hl7;

/// <summary>HL7 v2 as text: what is read, what is refused, and that nothing breaks the reader.</summary>
public sealed class Hl7MessageTests
{
    const string Header = "MSH|^~\\&|ADT1|HOSP|COVIDCXR||20260302080000||ADT^A08^ADT_A01|id1|P|2.5.1||||||";

    static Hl7Reading Read(string text, Encoding? encoding = null) => Hl7Message.Read((encoding ?? Encoding.UTF8).GetBytes(text));

    static string Said(string text, Encoding? encoding = null) =>
        Read($"{Header}{(encoding == Encoding.Latin1 ? "8859/1" : "UNICODE UTF-8")}\rPID|1||{text}\r", encoding).Message!
            .All("PID").Single().Text(3);

    [Theory]
    [InlineData(@"a\F\b\S\c\T\d\R\e\E\f", @"a|b^c&d~e\f")]
    [InlineData(@"M\XC39C\ller", "MÜller")]
    [InlineData(@"one\.br\two", "one\ntwo")]
    [InlineData(@"\H\loud\N\", "loud")]
    [InlineData(@"\Z99\x", "\uFFFDx")]
    [InlineData(@"\X4\x", "\uFFFDx")]
    [InlineData(@"open\Fend", "open\uFFFDFend")]
    [InlineData("plain", "plain")]
    public void Escapes_AreRead(string written, string read) => Assert.Equal(read, Said(written));

    [Theory]
    [InlineData("P-1^5^M11^HOSP&1.2.3&ISO^MR~X-9^^^OTHER", 1, 1, "P-1")]
    [InlineData("P-1^5^M11^HOSP&1.2.3&ISO^MR~X-9^^^OTHER", 4, 1, "HOSP")]
    [InlineData("P-1^5^M11^HOSP&1.2.3&ISO^MR~X-9^^^OTHER", 4, 2, "1.2.3")]
    [InlineData("P-1", 4, 2, "")]
    [InlineData("", 1, 1, "")]
    public void Parts_AreTakenApart(string field, int component, int subcomponent, string read)
    {
        var patient = Read($"{Header}\rPID|1||{field}\r").Message!.All("PID").Single();

        Assert.Equal(read, patient.Text(3, component, subcomponent));
        Assert.Equal("", patient.Text(99));
        Assert.Equal("", patient.Text(0));
    }

    [Fact]
    public void Header_SaysItsOwnSeparators()
    {
        var message = Read("MSH#*!?%#A!B*x#HOSP\rPID#1##P*1?S?2\r".Replace('!', '~').Replace('?', '@')).Message!;

        Assert.Equal(("A", "x", "HOSP"), (message.Segments[0].Text(3), message.Segments[0].Part("B*x", 2), message.Segments[0].Text(4)));
        Assert.Equal(["P*1@S@2"], message.Segments[1].Repetitions(3));
        Assert.Equal("1*2", message.Segments[1].Text(3, 2));
    }

    [Fact]
    public void Header_Of27_MayHaveATruncationSign() =>
        Assert.Equal("X", Read("MSH|^~\\&#|X|HOSP\r").Message!.Segments[0].Text(3));

    [Theory]
    [InlineData("")]
    [InlineData("MSH")]
    [InlineData("MSH|")]
    [InlineData("MSH|^~\\&")]
    [InlineData("MSH|^^\\&|A")]
    [InlineData("MSH|^~\\|A")]
    [InlineData("MSHA^~\\&A")]
    [InlineData("FHS|^~\\&|A")]
    [InlineData("\nMSH|^~\\&|A")]
    public void Header_ThatIsNone_IsRefused(string text)
    {
        var reading = Read(text);

        Assert.Null(reading.Header);
        Assert.Null(reading.Message);
        Assert.Equal(Hl7Error.Sequence, reading.Error!.Condition);
    }

    [Fact]
    public void CharacterSets_AreReadOrRefusedByName()
    {
        Assert.Equal("MÜller", Said("MÜller"));
        Assert.Equal("MÜller", Said("MÜller", Encoding.Latin1));
        Assert.Equal("MÜller", Said(@"M\XDC\ller", Encoding.Latin1));
        // What the set does not have makes unreadable what it stands in, and nothing else.
        var ascii = Read($"{Header}\rPID|1||P-1||MÜLLER\r").Message!.All("PID").Single();
        Assert.Equal(("P-1", "M\uFFFD\uFFFDLLER"), (ascii.Text(3), ascii.Text(5)));
        Assert.Equal("P\uFFFD", Read($"{Header}UNICODE UTF-8\rPID|1||P\u00DC\r", Encoding.Latin1).Message!.All("PID").Single().Text(3));

        var refused = Read($"{Header}ISO IR87\rPID|1||P-1\r").Error!;
        Assert.Equal((Hl7Error.Reject, Hl7Error.NotInTable, "MSH^1^18"), (refused.Code, refused.Condition, refused.Place));
        Assert.Contains("ISO IR87 is not read", refused.Words, StringComparison.Ordinal);
        Assert.DoesNotContain("SECRET", Read($"{Header}SECRET^NAME OF SOMEBODY_\r").Error!.Words, StringComparison.Ordinal);
        Assert.NotNull(Read($"{Header}ASCII~ISO IR87\r").Error);
    }

    [Fact]
    public void Sizes_AreBounded()
    {
        Assert.Equal(Hl7Error.TooLong, Read(Header + "\r" + new string('A', Hl7Message.MaxBytes)).Error!.Condition);
        Assert.Equal(
            Hl7Error.TooLong,
            Read(Header + "\r" + string.Concat(Enumerable.Repeat("NTE|1\r", Hl7Message.MaxSegments))).Error!.Condition);
        Assert.NotNull(Read($"{Header}\rPID{new string('|', Hl7Message.MaxFields)}\r").Message);
        Assert.NotNull(Read($"{Header}\rPID{new string('|', Hl7Message.MaxFields + 1)}\r").Error);
        Assert.NotNull(Read($"{Header}\rPID|{new string('~', Hl7Message.MaxRepetitions)}\r").Error);
        Assert.NotNull(Read($"{Header}\r{Header}\r").Error);
        Assert.NotNull(Read($"{Header}\rpid|1\r").Error);
        Assert.NotNull(Read($"{Header}\rPIDX|1\r").Error);
        // Lines as Windows writes them.
        Assert.Equal(2, Read($"{Header}\r\nPID|1\r\n").Message!.Segments.Count);
    }

    [Fact]
    public void Text_ThatIsWritten_IsReadBack()
    {
        var random = new Random(11);
        for (var i = 0; i < 2000; i++)
        {
            var text = string.Concat(Enumerable.Range(0, random.Next(1, 40)).Select(_ => random.Next(6) switch
            {
                0 => (char)random.Next(0x20),
                1 => @"|^&~\"[random.Next(5)],
                2 => (char)random.Next(0xA0, 0xD7FF),
                _ => (char)random.Next(' ', 0x7F),
            })).Trim('\n', '\r');
            var written = Header + "UNICODE UTF-8\r" + Hl7Text.Segment("PID", "1", "", Hl7Text.Components(text, "", text));
            var patient = Read(written).Message!.All("PID").Single();

            // All ends of lines are one.
            Assert.Equal(text.ReplaceLineEndings("\n"), patient.Text(3));
            Assert.Equal(text.ReplaceLineEndings("\n"), patient.Text(3, 3));
        }
    }

    [Fact]
    public void Mutations_NeverBreakTheReader_NorTakeLong()
    {
        byte[][] seeds =
        [
            Encoding.UTF8.GetBytes(Adt.Update("id1", "P-1^^^HOSP&1.2.3&ISO^MR~X^^^Y", header: "||||||UNICODE UTF-8")),
            Encoding.UTF8.GetBytes(Adt.Merge("id2", "P-1", "P-2", "F", "19600101")),
            Encoding.UTF8.GetBytes(MllpPeer.Acknowledge("AE", "x", "\rERR||PID^1^5|101^^HL70357|E\rERR|PID^1^5^101")),
            Encoding.UTF8.GetBytes($"{Header}8859/1\rPID|1||\\X41\\\\F\\\\.br\\~~^^&&\r"),
        ];
        var (random, watch, read) = (new Random(20_000), Stopwatch.StartNew(), 0);
        for (var i = 0; i < 20_000; i++)
        {
            var bytes = Mutate(seeds[i % seeds.Length], random);
            var reading = Hl7Message.Read(bytes);
            if (reading.Message is { } message)
            {
                read++;
                var (adt, error) = AdtMessage.Read(message, i % 2 == 0 ? "" : "HOSP");
                Assert.True((adt is null) != (error is null));
                Assert.NotEmpty(adt?.Sha256 ?? error!.Words);
                _ = Hospital.Delivery.StoreHl7.Judge(message, "x");
                foreach (var segment in message.Segments)
                {
                    _ = Enumerable.Range(0, 30).Select(f => segment.Text(f, 1 + (f % 5), 1 + (f % 3))).ToList();
                }
            }

            if (reading.Header is { } header)
            {
                // Whatever came, the answer is a message of its own.
                var answer = Hl7Message.Read(Acknowledgement.Make(header, reading.Error, DateTimeOffset.UnixEpoch));
                Assert.Contains(answer.Message!.All("MSA").Single().Text(1), new[] { "AA", "AE", "AR" });
                Assert.True(answer.Message.Segments.Count <= 3);
            }
        }

        Assert.InRange(read, 2000, 20_000);
        Assert.True(watch.Elapsed < TimeSpan.FromMinutes(1), $"{watch.Elapsed}");
        TestContext.Current.TestOutputHelper!.WriteLine($"{read} of 20000 were read, in {watch.Elapsed.TotalSeconds:F1} s");
    }

    static byte[] Mutate(byte[] seed, Random random)
    {
        var bytes = seed.ToList();
        for (var n = random.Next(1, 6); n > 0; n--)
        {
            var at = random.Next(bytes.Count);
            switch (random.Next(5))
            {
                case 0:
                    bytes[at] = (byte)random.Next(256);
                    break;
                case 1:
                    bytes.Insert(at, @"|^~\&\X"u8[random.Next(7)]);
                    break;
                case 2:
                    bytes.RemoveRange(at, Math.Min(random.Next(1, 9), bytes.Count - at - 1));
                    break;
                case 3:
                    bytes.InsertRange(at, bytes.GetRange(at, Math.Min(random.Next(1, 60), bytes.Count - at)));
                    break;
                default:
                    bytes.InsertRange(at, Enumerable.Repeat((byte)random.Next(256), random.Next(1, 500)));
                    break;
            }
        }

        return [.. bytes];
    }

    [Fact]
    public void Patient_IsReadWithoutTheName()
    {
        var message = Adt.Parse(Adt.Merge("m1", "P-1^^^HOSP", "P-2^^^HOSP", "M", "196001011200"));

        Assert.Equal(
            new AdtMessage("ADT1", "HOSP", "m1", "A40", "20260302080000", "P-2", "P-1", Sex.Male, new(1960, 1, 1)), message);
        Assert.DoesNotContain("SECRET", message.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("P-1^^^HOSP^MR~X-9^^^OTHER", "", "P-1")]
    [InlineData("X-9^^^OTHER~P-1^^^HOSP&1.2.3&ISO", "HOSP", "P-1")]
    [InlineData("X-9^^^OTHER~P-1^^^&1.2.3&ISO", "1.2.3", "P-1")]
    [InlineData("X-9^^^OTHER", "HOSP", null)]
    [InlineData(" P-1 ", "", "P-1")]
    public void Number_IsOfTheAuthorityThatCounts(string field, string authority, string? number) =>
        Assert.Equal(number, Adt.Parse(Adt.Update("u1", field), authority).Number);

    [Theory]
    [InlineData("F", "19600101", Sex.Female, "1960-01-01")]
    [InlineData("O", "1960", Sex.Other, null)]
    [InlineData("U", "196001", Sex.Unknown, null)]
    [InlineData("\"\"", "\"\"", Sex.Unknown, null)]
    [InlineData("", "", Sex.Unknown, null)]
    public void Facts_AreReadWhereTheyAreSaid(string sex, string born, Sex readSex, string? readBorn)
    {
        var message = Adt.Parse(Adt.Update("u1", "P-1", sex, born));

        Assert.Equal((readSex, readBorn), (message.Sex, message.BirthDate?.ToString("O", CultureInfo.InvariantCulture)));
    }

    public static TheoryData<string, string, int> Refused => new()
    {
        { Adt.Update("u1", "P-1").Replace("ADT^A08", "ORU^R01", StringComparison.Ordinal), "AR", Hl7Error.MessageType },
        { Adt.Update("u1", "P-1", trigger: "A01"), "AR", Hl7Error.EventCode },
        { Adt.Update("u1", "P-1").Replace("|P|2.5.1", "|T|2.5.1", StringComparison.Ordinal), "AR", Hl7Error.ProcessingId },
        { Adt.Update("u1", "P-1").Replace("|P|2.5.1", "|P|2.1", StringComparison.Ordinal), "AR", Hl7Error.VersionId },
        { Adt.Update("", "P-1"), "AE", Hl7Error.Missing },
        { Adt.Update(new('x', 200), "P-1"), "AE", Hl7Error.DataType },
        { Adt.Update("u1", ""), "AE", Hl7Error.Missing },
        { Adt.Update("u1", "\"\""), "AE", Hl7Error.Missing },
        { Adt.Update("u1", new('1', 65)), "AE", Hl7Error.DataType },
        { Adt.Update("u1", @"P\X00\1"), "AE", Hl7Error.DataType },
        { Adt.Update("u1", "PÜ-1"), "AE", Hl7Error.DataType },
        { Adt.Update("u1", "P-1", "X"), "AE", Hl7Error.NotInTable },
        { Adt.Update("u1", "P-1", "F", "19601301"), "AE", Hl7Error.DataType },
        { Adt.Update("u1", "P-1", "F", "gestern"), "AE", Hl7Error.DataType },
        { Adt.Update("u1", "P-1") + "PID|2||P-2\r", "AE", Hl7Error.Sequence },
        { Adt.Update("u1", "P-1", trigger: "A40"), "AE", Hl7Error.Sequence },
        { Adt.Merge("m1", "", "P-2"), "AE", Hl7Error.Missing },
        { Adt.Merge("m1", "P-1^^^OTHER", "P-2^^^HOSP"), "AE", Hl7Error.DataType },
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public void Message_ThatIsWrong_IsRefusedWithItsReason(string message, string code, int condition)
    {
        var (adt, error) = AdtMessage.Read(Adt.Read(message), "");

        Assert.Null(adt);
        Assert.Equal((code, condition), (error!.Code, error.Condition));
        Assert.DoesNotContain("P-1", error.Words, StringComparison.Ordinal);
    }

    [Fact]
    public void Numbers_OfTheSameAuthority_AreRefusedWhereTheyAreTwo() => Assert.Equal(
        Hl7Error.DataType, AdtMessage.Read(Adt.Read(Adt.Update("u1", "P-1^^^H~P-2^^^H")), "H").Error!.Condition);

    [Fact]
    public void Acknowledgement_GoesBackToWhomItCameFrom()
    {
        var header = Adt.Read(Adt.Update("id|7".Replace("|", @"\F\", StringComparison.Ordinal), "P-1")).Segments[0];
        var error = new Hl7Error(Hl7Error.Error, Hl7Error.Missing, "It has no patient number.", "PID^1^3");
        var text = Encoding.ASCII.GetString(Acknowledgement.Make(header, error, new(2026, 3, 2, 8, 0, 0, TimeSpan.Zero)));
        var answer = Adt.Read(text);

        Assert.Equal(["MSH", "MSA", "ERR"], answer.Segments.Select(s => s.Name));
        Assert.StartsWith(@"MSH|^~\&|COVIDCXR||ADT1|HOSP|20260302080000+0000||ACK^A08^ACK|", text, StringComparison.Ordinal);
        Assert.Equal(("AE", "id|7"), (answer.Segments[1].Text(1), answer.Segments[1].Text(2)));
        Assert.EndsWith("ERR||PID^1^3|101^^HL70357|E||||It has no patient number.\r", text, StringComparison.Ordinal);
    }
}
