/**
 * What one thread does while another looks: jcstress runs each pair of actors many million times and counts what they have seen.
 * What needs no more than public classes is here, the rest lies in the packages of what it is about. Never published; {@code
 * ./cleave campaign jcstress}.
 */
package io.cleave.stress;
