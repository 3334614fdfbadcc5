// Reads a JSON array of Kubernetes objects from standard input and prints a JSON array of their faults:
// null where an object meets the schema of its apiVersion and kind, else what is wrong with it.
import { readFileSync } from 'node:fs';

async function fault(object) {
    let model;
    try {
        model = (await import(`kubernetes-models/${object.apiVersion}`))[object.kind];
    } catch (error) {
        // A version that is not there is told below; a package that cannot be loaded is another matter.
        if (error.code !== 'ERR_PACKAGE_PATH_NOT_EXPORTED' && error.code !== 'ERR_MODULE_NOT_FOUND') throw error;
    }
    if (!model) return `there is no schema for ${object.apiVersion} ${object.kind}`;
    try {
        new model(object).validate();
        return null;
    } catch (error) {
        return error.message;
    }
}

const faults = [];
for (const object of JSON.parse(readFileSync(0, 'utf8'))) faults.push(await fault(object));
console.log(JSON.stringify(faults));
