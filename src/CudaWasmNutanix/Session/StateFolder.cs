namespace CudaWasmNutanix.Session;

/// <summary>Where creations under way are noted: below the user's local state, or where CUDA_WASM_NUTANIX_STATE says.</summary>
internal static class StateFolder
{
    public const string Variable = "CUDA_WASM_NUTANIX_STATE";

    public static string Path
    {
        get
        {
            if (Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } given)
            {
                return given;
            }

            string? state = OperatingSystem.IsWindows() || OperatingSystem.IsMacOS() ? null : Environment.GetEnvironmentVariable("XDG_STATE_HOME");
            return System.IO.Path.Combine(
                string.IsNullOrEmpty(state) ? Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify) : state,
                "cuda-wasm-nutanix");
        }
    }
}
