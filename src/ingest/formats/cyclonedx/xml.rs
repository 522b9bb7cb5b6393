//! `CycloneDX` as XML: the same document under the same names, read into the same types.
//!
//! Before version 1.4 vulnerabilities were an extension: they stand within the component that they affect, or beside
//! the components with its reference as an attribute.

use super::bom::Bom;
use super::wire::{
    Affected, AffectedVersion, Analysis, BomComponent, Metadata, Rating, Reference, Source, Tool, Vulnerability,
};
use crate::ingest::document::Document;
use crate::ingest::lenient::Texts;
use crate::ingest::read_error::ReadError;
use crate::ingest::xml::{self, Element, Visit};

/// Reads the document. Components within components come with the outermost one.
pub fn read(document: &mut Document<'_>, bom: &mut Bom) -> Result<(), ReadError> {
    let paths = ["bom/metadata", "bom/components/component", "bom/vulnerabilities/vulnerability"];
    xml::walk(document.reader(), &paths, &mut |visit| {
        match visit {
            Visit::Begin(_, element) => bom.listed |= element.name == "vulnerabilities",
            Visit::Element(element) => match element.name.as_str() {
                "metadata" => bom.metadata = metadata(element),
                "component" => add_component(element, bom),
                _ => bom.vulnerabilities.push(vulnerability(element, None)),
            },
        }
        Ok(())
    })
}

fn add_component(element: &Element, bom: &mut Bom) {
    let component = component(element);
    let mut waiting = vec![(element, component.reference.clone())];
    while let Some((element, reference)) = waiting.pop() {
        bom.listed |= element.child("vulnerabilities").is_some();
        let within = element.each("vulnerabilities", "vulnerability");
        bom.vulnerabilities.extend(within.map(|element| vulnerability(element, reference.as_deref())));
        waiting.extend(element.each("components", "component").map(|inner| (inner, reference_of(inner))));
    }
    bom.components.add(component);
}

/// How others refer to a component; one without a reference gets its name as such.
fn reference_of(element: &Element) -> Option<String> {
    let named = || Some(format!("{}@{}", element.text_of("name"), element.text_of("version")));
    given(element.attribute("bom-ref")).or_else(|| text(element, "purl")).or_else(named)
}

fn component(element: &Element) -> BomComponent {
    BomComponent {
        reference: reference_of(element),
        kind: given(element.attribute("type")),
        group: text(element, "group"),
        name: text(element, "name"),
        version: text(element, "version"),
        purl: text(element, "purl"),
        properties: element
            .each("properties", "property")
            .map(|property| (property.attribute("name"), property.text.as_str()).into())
            .collect(),
        components: element.each("components", "component").map(component).collect(),
    }
}

fn metadata(element: &Element) -> Metadata {
    let tools = element.child("tools");
    let listed = element.each("tools", "tool");
    let within = tools.into_iter().flat_map(|tools| tools.each("components", "component"));
    let tools = listed.chain(within).map(|tool| Tool { name: text(tool, "name"), version: text(tool, "version") });
    Metadata::new(text(element, "timestamp"), tools.collect(), element.child("component").map(component))
}

/// One vulnerability; `within` is the reference of the component that it stands in.
fn vulnerability(element: &Element, within: Option<&str>) -> Vulnerability {
    let targets = element.each("affects", "target").map(affected);
    let stands_in = within.map(str::to_owned).or_else(|| given(element.attribute("ref")));
    let outer = stands_in.map(|reference| Affected { reference: Some(reference), versions: Vec::new() });
    let recommended = element.each("recommendations", "recommendation").find_map(|r| given(&r.text));
    Vulnerability {
        id: text(element, "id"),
        source: element.child("source").map(source).unwrap_or_default(),
        references: element.each("references", "reference").map(|r| Reference { id: text(r, "id") }).collect(),
        ratings: element.each("ratings", "rating").map(rating).collect(),
        cwes: Texts(element.each("cwes", "cwe").map(|cwe| cwe.text.clone()).collect()),
        description: text(element, "description"),
        detail: text(element, "detail"),
        recommendation: text(element, "recommendation").or(recommended),
        published: text(element, "published"),
        analysis: element.child("analysis").map(|analysis| Analysis {
            state: text(analysis, "state"),
            justification: text(analysis, "justification"),
            detail: text(analysis, "detail"),
        }),
        affects: outer.into_iter().chain(targets).collect(),
    }
}

fn affected(target: &Element) -> Affected {
    let versions = target.each("versions", "version");
    Affected {
        reference: text(target, "ref"),
        versions: versions
            .map(|version| AffectedVersion { version: text(version, "version"), status: text(version, "status") })
            .collect(),
    }
}

fn rating(element: &Element) -> Rating {
    let score = element.child("score");
    let score = score.map(|score| score.child("base").map_or(score.text.as_str(), |base| base.text.as_str()));
    Rating {
        source: element.child("source").map(source).unwrap_or_default(),
        score: score.and_then(|score| score.parse().ok()),
        severity: text(element, "severity"),
        method: text(element, "method"),
        vector: text(element, "vector"),
    }
}

/// A source: its name is an element, in the extension an attribute.
fn source(element: &Element) -> Source {
    Source { name: text(element, "name").or_else(|| given(element.attribute("name"))), url: text(element, "url") }
}

fn text(element: &Element, name: &str) -> Option<String> {
    given(element.text_of(name))
}

fn given(text: &str) -> Option<String> {
    Some(text.trim().to_owned()).filter(|text| !text.is_empty())
}
