using System.Text;
using CovidCxr.Web.Features.Clinic.Studies;
using Microsoft.AspNetCore.Http;

namespace CovidCxr.Web.Tests.Features.Clinic.Studies;

public sealed class UploadFormTests
{
    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task ReadAsync_FileAndFields_GivesBothWhateverTheirOrder()
    {
        // Longer than what is reserved at first, and than the buffer.
        var film = Enumerable.Range(0, 17 * 1024 * 1024).Select(i => (byte)(i * 31)).ToArray();
        using var content = new MultipartFormDataContent
        {
            { new StringContent("Müller-1"), "patientNumber" }, { new ByteArrayContent(film), "file", "film.png" },
            { new StringContent(""), "age" }
        };

        var form = await UploadForm.ReadAsync(await RequestAsync(content), Cancellation);

        Assert.True(film.AsSpan().SequenceEqual(form.File));
        Assert.Equal("Müller-1", form["patientNumber"]);
        Assert.Equal("", form["age"]);
        Assert.Null(form["view"]);
    }

    [Fact]
    public async Task ReadAsync_SeveralFilesAndOthers_TakesTheFirstOfTheName()
    {
        using var content = new MultipartFormDataContent
        {
            { new ByteArrayContent([9]), "other", "other.png" }, { new ByteArrayContent([1]), "file", "one.png" },
            { new ByteArrayContent([2]), "file", "two.png" }
        };

        var form = await UploadForm.ReadAsync(await RequestAsync(content), Cancellation);

        Assert.Equal([1], form.File);
    }

    [Fact]
    public async Task ReadAsync_NoFile_GivesNone()
    {
        using var content = new MultipartFormDataContent { { new StringContent("not a file"), "file" } };

        Assert.Null((await UploadForm.ReadAsync(await RequestAsync(content), Cancellation)).File);
    }

    [Fact]
    public async Task ReadAsync_TooManyOrTooLongParts_Throws()
    {
        using var many = new MultipartFormDataContent();
        for (var i = 0; i < 17; i++)
        {
            many.Add(new StringContent("x"), $"field{i}");
        }

        using var large = new MultipartFormDataContent { { new StringContent(new('x', 1025)), "patientNumber" } };

        await Assert.ThrowsAsync<InvalidDataException>(async () => await UploadForm.ReadAsync(await RequestAsync(many), Cancellation));
        await Assert.ThrowsAsync<InvalidDataException>(async () => await UploadForm.ReadAsync(await RequestAsync(large), Cancellation));
    }

    [Theory]
    [InlineData("text/plain")]
    [InlineData("multipart/form-data")]
    [InlineData("multipart/mixed; boundary=b")]
    public async Task ReadAsync_NoForm_Throws(string type)
    {
        using var content = new StringContent("--b--", Encoding.UTF8);
        content.Headers.ContentType = System.Net.Http.Headers.MediaTypeHeaderValue.Parse(type);

        await Assert.ThrowsAsync<InvalidDataException>(async () => await UploadForm.ReadAsync(await RequestAsync(content), Cancellation));
    }

    [Fact]
    public async Task ReadAsync_CutShort_Throws()
    {
        using var content = new MultipartFormDataContent { { new ByteArrayContent(new byte[1000]), "file", "film.png" } };
        var request = await RequestAsync(content);
        request.Body.SetLength(600);

        await Assert.ThrowsAsync<IOException>(async () => await UploadForm.ReadAsync(request, Cancellation));
    }

    static async Task<HttpRequest> RequestAsync(HttpContent content)
    {
        var request = new DefaultHttpContext().Request;
        request.ContentType = content.Headers.ContentType!.ToString();
        request.ContentLength = content.Headers.ContentLength;
        request.Body = new MemoryStream();
        await content.CopyToAsync(request.Body, Cancellation);
        request.Body.Position = 0;
        return request;
    }
}
