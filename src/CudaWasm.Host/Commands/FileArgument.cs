using System.CommandLine;

namespace CudaWasm.Host.Commands;

/// <summary>A file's path. What looks like an option is a misspelled option, not a file; a file of such a name is written <c>./-name</c>.</summary>
internal static class FileArgument
{
    public static Argument<string> Create(string name, string description)
    {
        var argument = new Argument<string>(name) { Description = description };
        argument.Validators.Add(result =>
        {
            if (result.Tokens.Count > 0 && result.Tokens[0].Value.StartsWith('-')) result.AddError($"Unrecognized option '{result.Tokens[0].Value}'.");
        });
        return argument;
    }
}
