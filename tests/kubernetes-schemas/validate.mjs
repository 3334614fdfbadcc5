// Reads a JSON array of Kubernetes objects from standard input and prints a JSON array of their faults:
// null where an object meets the schema of its apiVersion and kind, else what is wrong with it.
import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';

const require = createRequire(import.meta.url);

function fault(object) {
    let model;
    try {
        const at = object.apiVersion === 'v1' ? 'v1' : object.apiVersion;
        model = require(`kubernetes-models/${at}`)[object.kind];
    } catch {
        // Told below.
    }
    if (!model) return `there is no schema for ${object.apiVersion} ${object.kind}`;
    try {
        new model(object).validate();
        return null;
    } catch (error) {
        return error.message;
    }
}

console.log(JSON.stringify(JSON.parse(readFileSync(0, 'utf8')).map(fault)));
