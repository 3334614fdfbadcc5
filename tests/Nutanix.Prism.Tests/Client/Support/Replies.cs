using System.Net;
using System.Text;

namespace Nutanix.Prism.Tests.Client.Support;

/// <summary>Answers in the shapes real servers use.</summary>
internal static class Replies
{
    public const string OnePage = "X-Test-One-Page";

    public static Func<HttpResponseMessage> Json(HttpStatusCode status, string json, string? etag = null) => () =>
    {
        var response = new HttpResponseMessage(status) { Content = new StringContent(json, Encoding.UTF8, "application/json") };
        if (etag is not null)
        {
            response.Headers.TryAddWithoutValidation("ETag", etag);
        }

        return response;
    };

    /// <summary>A list of one page; without items it has no data member, as real servers send it.</summary>
    public static Func<HttpResponseMessage> List(params string[] items) => () =>
    {
        string data = items.Length == 0 ? string.Empty : $"\"data\":[{string.Join(',', items)}],";
        HttpResponseMessage response = Json(HttpStatusCode.OK, $$$"""{ {{{data}}}"metadata":{"totalAvailableResults":{{{items.Length}}}}}""")();
        response.Headers.Add(OnePage, "1");
        return response;
    };

    public static Func<HttpResponseMessage> Entity(string json, string? etag = "tag-1") => Json(HttpStatusCode.OK, $$$"""{"data":{{{json}}}}""", etag);

    public static Func<HttpResponseMessage> Accepted(string taskId = "ZXJnb24=:t1") =>
        Json(HttpStatusCode.Accepted, $$$"""{"data":{"extId":"{{{taskId}}}","$objectType":"prism.v4.config.TaskReference"}}""");

    public static Func<HttpResponseMessage> Task(string status, string more = "", string id = "ZXJnb24=:t1", string operation = "CreateVm") =>
        Json(HttpStatusCode.OK, $$$"""{"data":{"extId":"{{{id}}}","operation":"{{{operation}}}","status":"{{{status}}}","progressPercentage":50{{{more}}}}}""");

    public static Func<HttpResponseMessage> Error(HttpStatusCode status, string code, string group, string message) => Json(
        status,
        $$$"""{"data":{"error":[{"message":"{{{message}}}","severity":"ERROR","code":"{{{code}}}","errorGroup":"{{{group}}}"}],"$objectType":"vmm.v4.error.ErrorResponse"}}""");

    public static Func<HttpResponseMessage> Text(HttpStatusCode status, string contentType, string text) =>
        () => new HttpResponseMessage(status) { Content = new StringContent(text, Encoding.UTF8, contentType) };

    public static HttpResponseMessage PlainNotFound() => Text(HttpStatusCode.NotFound, "text/plain", "404 page not found")();

    /// <summary>The connection breaks before the answer.</summary>
    public static HttpResponseMessage Lost() => throw new HttpRequestException(
        HttpRequestError.ResponseEnded, "The response ended prematurely.", new HttpIOException(HttpRequestError.ResponseEnded));
}
